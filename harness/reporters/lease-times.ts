// How leader election's leases live (client-go, tools/leaderelection).

/** Leaders renew every 2 s, with a jitter of 1.2: a time without that is longer is one without a leader. */
export const LEASE_RENEWAL_MS = 4_400;
