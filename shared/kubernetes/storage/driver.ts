/** The CSI driver of EBS. */
export const EBS_DRIVER = "ebs.csi.aws.com";

/**
 * The CSI driver that attaches what `provisioner` makes. EBS volumes of the provisioner that was built into Kubernetes,
 * as EKS's own class `gp2` names it, are attached by the CSI driver, and count for its limit.
 */
export const csiDriverOf = (provisioner: string): string =>
  provisioner === "kubernetes.io/aws-ebs" ? EBS_DRIVER : provisioner;
