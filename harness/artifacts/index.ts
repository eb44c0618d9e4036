// Where images come from: what the providers, the cluster's steps and the commands may use of it.
export { KUBE_DNS_IMAGE, LOGAPI_IMAGES, type HostImage } from './catalogue.ts';
export { ensureImages, missingImages, type EnsureImagesOptions, type ImageSet } from './ensure-images.ts';
export { ImageBuildError } from './image-build-error.ts';
export { ensureRelease, MIRROR_VARIABLE } from './release/index.ts';
export {
  listImages,
  removeBuildRemains,
  removeImages,
  type ImageListing,
  type RemovedImages,
} from './manage-images.ts';
