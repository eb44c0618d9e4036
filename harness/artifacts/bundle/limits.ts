// How much an archive may ask of whoever reads it. The largest bundle known has eleven images of 900 MB together.

const MB = 1024 * 1024;

export interface ArchiveLimits {
  readonly entries: number;
  /** Of all entries, unpacked. */
  readonly bytes: number;
  readonly nameLength: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = { entries: 20_000, bytes: 32_768 * MB, nameLength: 1024 };

/** A text that is understood as a whole: a manifest, an image's configuration. */
export const DOCUMENT_BYTES_MAX = 4 * MB;
export const DOCUMENTS_BYTES_MAX = 64 * MB;

/** Real archives shrink to a tenth at best; a bomb to a thousandth. Small ones of zeros are let be. */
export const EXPANSION = { factorMax: 200, fromBytes: 64 * MB } as const;

/** As rpm itself: an index has 64 Ki entries at most; its texts and file lists are some MB in the largest packages. */
export const RPM_LIMITS = { indexEntries: 65_536, storeBytes: 64 * MB } as const;

export const FOLDER_LIMITS = { files: 1000, depth: 3 } as const;
