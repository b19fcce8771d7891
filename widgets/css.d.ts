// A stylesheet is imported as text: hosts put it inside their own element, so that it works in a shadow root.
declare module "*.css" {
  const text: string;
  export default text;
}
