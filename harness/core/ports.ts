// Ports that cluster and probes agree on.

/** Of every apiserver, and so of the VIP. */
export const API_PORT = 6443;
/** The seed's node port of logapi. */
export const LOGAPI_NODE_PORT = 31_070;
