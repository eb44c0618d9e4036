// The error of everything that makes an image.
import { EnvironmentError } from '../core/errors.ts';
import type { BuildLog } from './build-log.ts';

/** An image could not be made. The message names the image, the failing step, its last output and the full log. */
export class ImageBuildError extends EnvironmentError {
  readonly image: string;
  readonly logFile: string;

  constructor(image: string, log: BuildLog, cause: Error) {
    const lines = log.lastLines();
    const step = log.step();
    super(
      [
        `image ${image} could not be made${step === undefined ? '' : `, at "${step}"`}: ${cause.message}`,
        ...lines.map((line) => `  ${line}`),
        `full log: ${log.file}`,
      ].join('\n'),
      { cause, ...(cause instanceof EnvironmentError && cause.hint !== undefined && { hint: cause.hint }) },
    );
    this.image = image;
    this.logFile = log.file;
  }
}
