/// <reference lib="webworker" />
declare const self: ServiceWorkerGlobalScope

export type {}

self.addEventListener('install', () => void self.skipWaiting())
