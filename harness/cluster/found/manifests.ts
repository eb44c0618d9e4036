// Static pods as kubelet reads them: of each, what its containers are told.
import { parse } from 'yaml';

export interface StaticPod {
  readonly path: string;
  readonly name: string;
  readonly images: readonly string[];
  /** Commands and arguments of all containers, in order. */
  readonly words: readonly string[];
}

interface PodManifest {
  readonly metadata?: { readonly name?: string };
  readonly spec?: {
    readonly containers?: readonly {
      readonly image?: string;
      readonly command?: readonly string[];
      readonly args?: readonly string[];
    }[];
  };
}

/** JSON is YAML too. A manifest that is neither is no pod. */
export function staticPods(manifests: Readonly<Record<string, string>>): readonly StaticPod[] {
  return Object.entries(manifests).flatMap(([path, text]) => {
    const manifest = podOf(text);
    if (!manifest) return [];
    const containers = manifest.spec?.containers ?? [];
    return {
      path,
      name: manifest.metadata?.name ?? '',
      images: containers.flatMap(({ image }) => image ?? []),
      words: containers.flatMap(({ command, args }) => [...(command ?? []), ...(args ?? [])]),
    };
  });
}

function podOf(text: string): PodManifest | undefined {
  try {
    const parsed: unknown = parse(text);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** The pod that runs a program, by its command or its image. */
export function podRunning(pods: readonly StaticPod[], program: string): StaticPod | undefined {
  const image = new RegExp(`(^|/)[^/]*${program}[^/]*$`);
  return pods.find(
    ({ words, images, name }) =>
      name === program ||
      words.some((word) => word.split('/').at(-1) === program) ||
      images.some((one) => image.test(one)),
  );
}

/** The value of "--flag=value" or "--flag value". */
export function flagOf(pod: StaticPod | undefined, flag: string): string | undefined {
  const { words = [] } = pod ?? {};
  const at = words.findIndex((word) => word === `--${flag}` || word.startsWith(`--${flag}=`));
  const [, value] = /=(.*)$/s.exec(words[at] ?? '') ?? [];
  return at < 0 ? undefined : (value ?? words[at + 1]);
}
