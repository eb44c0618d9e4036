import { ensureChromium } from './chromium.ts';

export const setup = ensureChromium;
