/** What of the settings concerns the transport. */
import type { HyperswarmTransport, HyperswarmTransportOptions } from '../transport/hyperswarm/options.ts';
import type { RelayConsent, RelaySettings } from '../transport/hyperswarm/relay/relays.ts';
import type { Settings } from '../services/settings/settings.ts';

export function transportChoice(
  settings: Settings,
): Required<Pick<HyperswarmTransportOptions, 'limits' | 'tcp' | 'relay'>> {
  return { limits: limitsOf(settings), tcp: settings.get('tcp'), relay: relayOf(settings) };
}

/** What takes effect at once. */
export function transportChanged(transport: HyperswarmTransport, settings: Settings, changed: readonly string[]): void {
  if (changed.some((name) => name.endsWith('-per-second'))) transport.setLimits(limitsOf(settings));
  if (changed.some((name) => name.startsWith('relay'))) transport.relaying.set(relayOf(settings));
}

function limitsOf(settings: Settings): HyperswarmTransportOptions['limits'] {
  return {
    upBytesPerSecond: settings.get('up-bytes-per-second'),
    downBytesPerSecond: settings.get('down-bytes-per-second'),
  };
}

function relayOf(settings: Settings): RelaySettings {
  return {
    consent: settings.get('relay') as RelayConsent,
    bytesPerSecond: settings.get('relay-bytes-per-second'),
    bytesPerDay: settings.get('relay-bytes-per-day'),
  };
}

/** HOST:PORT of this machine alone. */
export function isLoopback(address: string): boolean {
  return /^(?:127\.\d+\.\d+\.\d+|localhost):\d+$/.test(address);
}
