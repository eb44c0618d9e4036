// The harness's own way to the API: straight to one master after the other, through the observer, never through the
// VIP (that is under test) and never from the harness's own machine (the lab network is internal).
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:tls';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  AppsV1Api,
  CoordinationV1Api,
  CoreV1Api,
  KubeConfig,
  createConfiguration,
  ServerConfiguration,
  type RequestContext,
  type ResponseContext,
} from '@kubernetes/client-node';
import { asError, HoldfastError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';

export interface KubeCredentials {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

export interface KubeClient {
  readonly core: CoreV1Api;
  readonly apps: AppsV1Api;
  readonly coordination: CoordinationV1Api;
  /** What the typed clients do not offer; the body is returned whatever the status. */
  request(method: string, path: string, body?: object): Promise<ApiAnswer>;
  close(): void;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
}

/** Reads the administrator's credentials from a master, in its kubeconfig or in files that it names; they stay in memory. */
export async function readCredentials(master: Host): Promise<KubeCredentials> {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromString((await master.download('/etc/kubernetes/admin.conf')).toString());
  const cluster = kubeConfig.getCurrentCluster();
  const user = kubeConfig.getCurrentUser();
  const pem = async (data: string | undefined, path: string | undefined, what: string): Promise<string> =>
    data || !path ? decode(data, what, master) : (await master.download(path)).toString();
  const [caPem, certPem, keyPem] = await Promise.all([
    pem(cluster?.caData, cluster?.caFile, 'certificate authority'),
    pem(user?.certData, user?.certFile, 'client certificate'),
    pem(user?.keyData, user?.keyFile, 'client key'),
  ]);
  return { caPem, certPem, keyPem };
}

/** Of whichever master answers first. @throws HoldfastError with one master's reason when none has them */
export async function readAnyCredentials(masters: readonly Host[]): Promise<KubeCredentials> {
  try {
    return await Promise.any(masters.map(readCredentials));
  } catch (thrown) {
    const [first] = thrown instanceof AggregateError ? (thrown.errors as readonly unknown[]) : [thrown];
    throw new HoldfastError(`no master has credentials for the API: ${asError(first).message}`, {
      cause: thrown,
    });
  }
}

interface KubeClientOptions {
  /** Where connections begin. */
  readonly observer: Host;
  /** The apiserver's. */
  readonly address: string;
  readonly port: number;
  readonly credentials: KubeCredentials;
  readonly requestTimeoutMs: number;
}

/** A client of one apiserver. Each request is given up after the limit: client-node itself would wait for ever. */
export function kubeClient({
  observer,
  address,
  port,
  credentials,
  requestTimeoutMs,
}: KubeClientOptions): KubeClient {
  const agent = new DialAgent(observer, credentials);
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(`https://${address}:${port}`, {}),
    promiseMiddleware: [
      {
        pre: (context: RequestContext): Promise<RequestContext> => {
          context.setAgent(agent);
          context.setSignal(AbortSignal.timeout(requestTimeoutMs));
          return Promise.resolve(context);
        },
        post: (context: ResponseContext): Promise<ResponseContext> => Promise.resolve(context),
      },
    ],
  });
  return {
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    coordination: new CoordinationV1Api(configuration),
    request: (method, path, body) =>
      send(agent, { host: address, port, method, path, body, requestTimeoutMs }),
    close: () => agent.destroy(),
  };
}

interface PlainRequest {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly requestTimeoutMs: number;
}

async function send(agent: Agent, plain: PlainRequest): Promise<ApiAnswer> {
  const { host, port, method, path, body, requestTimeoutMs } = plain;
  const signal = AbortSignal.timeout(requestTimeoutMs);
  const headers = { accept: 'application/json', ...(body && { 'content-type': 'application/json' }) };
  const outgoing = request({ agent, host, port, method, path, headers, signal });
  outgoing.end(body && JSON.stringify(body));
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}

/** Opens every TLS connection over a byte stream from the observer, and keeps it for the next request. */
class DialAgent extends Agent {
  readonly #observer: Host;
  readonly #credentials: KubeCredentials;

  constructor(observer: Host, credentials: KubeCredentials) {
    super({ keepAlive: true, maxSockets: 2 });
    this.#observer = observer;
    this.#credentials = credentials;
  }

  override createConnection(
    options: { readonly host?: string | null; readonly port?: number | string | null },
    callback?: (error: Error | null, stream: Duplex) => void,
  ): null {
    const { caPem, certPem, keyPem } = this.#credentials;
    this.#observer.dial(String(options.host), Number(options.port)).then(
      (socket) => {
        const tls = connect({ socket, ca: caPem, cert: certPem, key: keyPem, host: String(options.host) });
        // A request hears of its connection's end by itself; one that is kept for the next has nobody else to tell.
        tls.on('error', () => undefined);
        callback?.(null, tls);
      },
      (error: unknown) => {
        callback?.(error as Error, undefined as unknown as Duplex);
      },
    );
    return null;
  }
}

function decode(base64: string | undefined, what: string, master: Host): string {
  if (!base64) throw new Error(`${master.name}: /etc/kubernetes/admin.conf holds no ${what}`);
  return Buffer.from(base64, 'base64').toString();
}
