import * as z from "zod/mini";
import { integer, list } from "../../wire/scalars.ts";

export const text = z.string();
export const optionalText = z.optional(text);
export const optionalInteger = z.optional(integer);
export const texts = z._default(list(text), []);
export const paging = (size: number) => ({ NextToken: optionalText, MaxRecords: z._default(integer, size) });

export const groupName = z.object({ AutoScalingGroupName: text });
export const tag = z.object({ Key: text, Value: z._default(text, "") });
