import type { ChannelName } from '../../core/ports.ts';
import type { OutboundMessage } from '../outbox.ts';

/** The core's sub-protocols that are offered now, and that both ends must open. Their order is that of frames over TCP. */
export const OFFERED_CHANNELS: readonly ChannelName[] = ['link', 'route', 'search', 'transfer'];

/** And what the transport sends by the same ways, under the same credit and limits, where both ends know of it. */
export type CarriedChannel = ChannelName | 'relay';
export type CarriedMessage = OutboundMessage<CarriedChannel>;
export const CARRIED_CHANNELS: readonly CarriedChannel[] = [...OFFERED_CHANNELS, 'relay'];
