import { catalog } from '../../shared/i18n/catalog.js';
import { de } from './de.js';
import { en } from './en.js';

export const consoleWords = catalog({ en, de });
