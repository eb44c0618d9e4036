// Bundles: what a person brings for a version that nobody can download any more.
export { compareWithPlan, type BundleFinding } from './compare.ts';
export { readBundle, type BundleContents } from './contents.ts';
export { deviationsFromLock, readLock, writeLock } from './lock.ts';
