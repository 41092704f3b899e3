/**
 * The key store of the system, as Electron has it: Keychain on macOS, DPAPI on Windows, libsecret or KWallet on Linux. Without Electron: what
 * it is asked is given. On Linux Electron seals with a key that everybody knows where it finds no key store ("basic_text"), and says so in
 * two ways, which are both looked at: by the name of what it chose, and by what it made.
 */
import type { KeyStore } from '../../services/lock/ports.ts';

/** What is used of Electron's safeStorage. */
export interface SafeStorage {
  isAsyncEncryptionAvailable(): Promise<boolean>;
  /** Linux only. */
  getSelectedStorageBackend(): string;
  encryptStringAsync(text: string): Promise<Buffer>;
  decryptStringAsync(sealed: Buffer): Promise<{ readonly result: string }>;
}

/** Of Chromium's os_crypt on Linux: what begins so was sealed with the key that everybody knows. */
const KNOWN_KEY_MARK = 'v10';

/** Names that Electron gives to key stores of Linux which protect, and by which their users know them. */
const LINUX_STORES: Readonly<Record<string, string>> = {
  gnome_libsecret: 'GNOME Keyring (libsecret)',
  kwallet: 'KWallet',
  kwallet5: 'KWallet',
  kwallet6: 'KWallet',
};

/** `platform`: as process.platform; others than the three have none. */
export function createKeyStore(platform: string, storage: SafeStorage): KeyStore {
  const nameOf = (): string | undefined => {
    if (platform === 'darwin') return 'macOS Keychain';
    if (platform === 'win32') return 'Windows DPAPI';
    const backend = platform === 'linux' ? storage.getSelectedStorageBackend() : '';
    return Object.hasOwn(LINUX_STORES, backend) ? LINUX_STORES[backend] : undefined;
  };
  return {
    async look() {
      const name = nameOf();
      if (name === undefined) return { state: 'plain-text' };
      const isThere = await storage.isAsyncEncryptionAvailable().catch(() => false);
      return isThere ? { state: 'usable', name } : { state: 'unavailable' };
    },
    async seal(text) {
      const sealed = await storage.encryptStringAsync(text);
      const mark = sealed.subarray(0, KNOWN_KEY_MARK.length).toString('latin1');
      return platform === 'linux' && mark === KNOWN_KEY_MARK ? undefined : new Uint8Array(sealed);
    },
    async open(sealed) {
      return (await storage.decryptStringAsync(Buffer.from(sealed))).result;
    },
  };
}
