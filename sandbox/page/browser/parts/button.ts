import type { Context } from "../context.ts";
import { h, type Properties, type View } from "./dom.ts";

/** A button that acts on the account; it waits for the answer before it can be pressed again. */
export function actionButton(
  context: Context,
  action: string,
  input: object,
  label: string,
  properties: Properties = {},
): View {
  const busy = context.isBusy(action, input);
  return h(
    "button",
    {
      type: "button",
      "data-action": action,
      "aria-disabled": busy ? "true" : undefined,
      ...properties,
      on: { click: () => !busy && context.act(action, input) },
    },
    label,
  );
}

/** The value of the field with this id. */
export function chosen(id: string): string {
  const field = document.getElementById(id);
  return field instanceof HTMLSelectElement || field instanceof HTMLInputElement ? field.value : "";
}
