/** Style sheets are bundled as text, and injected with the view. */
declare module "*.css" {
  const text: string;
  export default text;
}
