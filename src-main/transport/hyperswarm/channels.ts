import type { ChannelName } from '../../core/ports.ts';

/** The core's sub-protocols that are offered now, and that both ends must open. Their order is that of frames over TCP. */
export const OFFERED_CHANNELS: readonly ChannelName[] = ['link', 'route', 'search', 'transfer'];
