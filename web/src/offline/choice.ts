/** What the page, its worker and whoever fetches ahead must agree on about a kept basemap. */

/** Where the server says which basemap it has: kept with the tiles, or nobody would ask for them. */
export const CHOICE = '/api/basemap'
export const MOST_BASE_TILES = 1_500
export const MOST_BASE_BYTES = 30_000_000
