/** Code that CloudFront runs on each request, before anything else, in its own small JavaScript (`cloudfront-js-2.0`). */

/**
 * The portal finds its own way: whatever is no file is its one page. Only on the portal's own paths, so that an answer of the API
 * is never replaced by a page.
 */
export const portalPage = `
function handler(event) {
  var request = event.request;
  var last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
  var isFile = request.uri.indexOf('/assets/') === 0 || /\\.(css|ico|jpg|js|json|map|png|svg|txt|webmanifest|webp|woff2|xml)$/.test(last);
  if (!isFile) request.uri = '/index.html';
  return request;
}
`;

/**
 * Tells functions who asks. What a caller wrote there itself is replaced. Functions believe it because the origin secret shows
 * that the request came this way.
 */
export const viewerAddress = `
function handler(event) {
  var request = event.request;
  request.headers['x-laurel-viewer-ip'] = { value: event.viewer.ip };
  return request;
}
`;
