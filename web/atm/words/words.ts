import { catalog } from '../../shared/i18n/catalog.js';
import { de } from './de.js';
import { en } from './en.js';

/** The words of the cash machine. */
export const words = catalog({ en, de });
