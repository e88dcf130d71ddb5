/** How node-postgres turns a parameter into what it sends; part of its package, but not of its types. */
declare module 'pg/lib/utils.js' {
  const utils: { readonly prepareValue: (value: unknown) => string | Buffer | null };
  export default utils;
}
