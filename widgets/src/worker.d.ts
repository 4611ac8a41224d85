/** A worker's script is bundled as text, and started from there: no host has to serve another file. */
declare module "*?worker&inline" {
  const InWorker: new () => Worker;
  export default InWorker;
}
