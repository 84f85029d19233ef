/** The light build of exifr (JPEG and HEIC, GPS and times) has no types of its own. */
declare module 'exifr/dist/lite.esm.mjs' {
  interface Lite {
    gps(file: Blob): Promise<{ latitude: number; longitude: number } | undefined>
    parse(file: Blob): Promise<Record<string, unknown> | undefined>
  }
  const exifr: Lite
  export default exifr
}
