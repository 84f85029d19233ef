import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { build, type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/** Where the Python process serves the built files. */
const BASE = '/static/pages/'
const OUT = resolve(import.meta.dirname, '../chengyun/pages/dist')
const SURFACES = ['citizen', 'desk', 'field', 'leader', 'screen']
/** Chrome 109 is the last one of Windows 7, which is still on government desks. */
const TARGET = ['chrome109', 'safari16', 'firefox115']

interface ManifestEntry {
  file: string
  css?: string[]
  assets?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

/** Every built file that a surface may need, lazy ones too. */
function filesOf(entry: string): string[] {
  const manifest: Record<string, ManifestEntry> = JSON.parse(
    readFileSync(`${OUT}/manifest.json`, 'utf8'),
  )
  const seen = new Set<string>()
  const files = new Set<string>()
  const walk = (key: string) => {
    const chunk = manifest[key]
    if (!chunk || seen.has(key)) return
    seen.add(key)
    for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file)
    for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) walk(next)
  }
  walk(entry)
  return [...files]
}

/** Surfaces that work without a network: a service worker of theirs knows every file they need. */
const WORKERS = [
  { surface: 'field', file: 'sw.js' },
  { surface: 'leader', file: 'sw-leader.js' },
]

function workers(): Plugin {
  return {
    name: 'workers',
    apply: 'build',
    async closeBundle() {
      for (const { surface, file } of WORKERS) {
        const files = filesOf(`${surface}.html`).map((name) => ({
          url: BASE + name,
          revision: null,
        }))
        const text = JSON.stringify(files)
        const version = createHash('sha256').update(text).digest('hex').slice(0, 12)
        await build({
          configFile: false,
          logLevel: 'warn',
          publicDir: false,
          define: {
            __FILES__: text,
            __VERSION__: JSON.stringify(version),
            'process.env.NODE_ENV': '"production"',
          },
          build: {
            outDir: OUT,
            emptyOutDir: false,
            target: TARGET,
            lib: {
              entry: resolve(import.meta.dirname, `src/surfaces/${surface}/worker.ts`),
              formats: ['iife'],
              name: 'worker',
              fileName: () => file,
            },
          },
        })
      }
    },
  }
}

/** WhiteNoise serves `.br` and `.gz` beside a file; nothing is compressed while serving. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle: {
      order: 'post',
      sequential: true,
      handler() {
        // Unlike assets, these are read by the view that serves them.
        const names = readdirSync(`${OUT}/assets`).map((name) => `assets/${name}`)
        for (const name of names.filter((each) => /\.(js|css|svg|json)$/.test(each))) {
          const plain = readFileSync(`${OUT}/${name}`)
          if (plain.length < 1024) continue
          const quality = process.env.CHENGYUN_RELEASE ? 11 : 9
          const br = brotliCompressSync(plain, {
            params: { [constants.BROTLI_PARAM_QUALITY]: quality },
          })
          writeFileSync(`${OUT}/${name}.br`, br)
          writeFileSync(`${OUT}/${name}.gz`, gzipSync(plain, { level: 9 }))
        }
      },
    },
  }
}

/** `npm run dev`: the addresses of the surfaces, with what a running server writes on its pages. */
function surfaces(server: string): Plugin {
  const surfaceOf = (path: string): string | null => {
    if (/^\/desk(\/|$)/.test(path)) return 'desk'
    if (/^\/m\/leader(\/|$)/.test(path)) return 'leader'
    if (/^\/m(\/|$)/.test(path)) return 'field'
    if (/^\/screen(\/|$)/.test(path)) return 'screen'
    return /^\/((report|follow)(\/.*)?)?$/.test(path) ? 'citizen' : null
  }
  return {
    name: 'surfaces',
    apply: 'serve',
    configureServer(vite) {
      vite.middlewares.use(async (request, response, next) => {
        const path = (request.url ?? '').split('?')[0] ?? ''
        const name = request.method === 'GET' ? surfaceOf(path) : null
        if (!name) return next()
        const page = readFileSync(resolve(import.meta.dirname, `${name}.html`), 'utf8')
        // A server that is just being started anew must not take this one down with it.
        const served = await fetch(server + path)
          .then((answer) => answer.text())
          .catch(() => '')
        const tag = /<html[^>]*>/.exec(served)?.[0] ?? '<html lang="zh-CN">'
        const html = page.replace(/<html[^>]*>/, tag)
        response.setHeader('content-type', 'text/html; charset=utf-8')
        response.end(await vite.transformIndexHtml(request.url ?? '/', html))
      })
    },
  }
}

const SERVER = process.env.CHENGYUN_URL ?? 'http://127.0.0.1:8000'

export default defineConfig(({ command }) => ({
  base: command === 'build' ? BASE : '/',
  plugins: [react(), workers(), compressed(), surfaces(SERVER)],
  build: {
    outDir: OUT,
    emptyOutDir: true,
    target: TARGET,
    cssTarget: TARGET,
    manifest: 'manifest.json',
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: Object.fromEntries(
        SURFACES.map((name) => [name, resolve(import.meta.dirname, `${name}.html`)]),
      ),
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/live', '/tiles', '/accounts', '/_allauth', '/admin', '/static/chengyun'].map(
        // The browser's own Host, or Django takes every write for another site's.
        (path) => [path, { target: SERVER, changeOrigin: false }],
      ),
    ),
  },
  test: { environment: 'jsdom', include: ['tests/**/*.test.{ts,tsx}'], testTimeout: 20_000 },
}))
