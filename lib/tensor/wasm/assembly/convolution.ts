export * from "./convolution_forward";
export * from "./convolution_gradient";
export * from "./convolution_winograd";
