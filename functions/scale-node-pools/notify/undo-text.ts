/** What undoes a change, by its call: the command only where there is one that does. */
export function undoText(
  call: string,
  command: string,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  if (call === "eks:UpdateNodegroupConfig" && from === to) {
    return "no command: the group has the limits of the config. Other ones are set by `min` and `max` of the pool";
  }
  switch (call) {
    case "autoscaling:SetDesiredCapacity":
      return `${command} (as long as no instance of it has launched)`;
    case "lambda:Invoke drain-nodes":
      return `${command} (as long as the nodes are being drained)`;
    case "autoscaling:TerminateInstanceInAutoScalingGroup":
      return "nothing: a terminated instance does not come back. The pool orders nodes when pods wait";
    case "kubernetes:uncordon":
      return "nothing: the pool drains the nodes again once they are not needed";
    default:
      return "no command: AWS would choose which instances it terminates, with the pods on them. The pool gives nodes up itself once they are not needed";
  }
}
