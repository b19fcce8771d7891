// Stylesheets and icons are imported as text: hosts put styles inside their own element, so that they work in a shadow root.
declare module "*.css" {
  const text: string;
  export default text;
}
declare module "*.svg" {
  const text: string;
  export default text;
}
