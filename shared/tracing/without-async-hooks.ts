// X-Ray's SDK follows its segment by hooks on every promise of the process (`cls-hooked`) from the moment that it is
// loaded, unless this says otherwise. Import it before the SDK.
process.env.AWS_XRAY_MANUAL_MODE ??= "true";
