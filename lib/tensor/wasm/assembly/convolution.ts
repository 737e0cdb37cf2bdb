export * from "./convolution_forward";
export * from "./convolution_gradient";
