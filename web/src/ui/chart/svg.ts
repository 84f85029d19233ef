/** For print: drawn as SVG, sharp on paper. Few pages need it, so it is a chunk of its own. */
export { SVGRenderer } from 'echarts/renderers'
