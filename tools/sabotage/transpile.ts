import { join } from 'node:path';
import { CHECKOUT } from '../checkout.js';

/** One file as the build would compile it; its types are not looked at. Throws where it is no TypeScript. */
export async function transpile(file: string, source: string): Promise<string> {
  // Loaded where it is needed: it takes longer to load than most commands take to run.
  const { default: ts } = await import('typescript');
  // Without the package.json beside it `nodenext` would take it for CommonJS.
  const asModule = { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler };
  const configFile = join(CHECKOUT, 'tsconfig.json');
  const { config } = ts.readConfigFile(configFile, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, CHECKOUT);
  const { outputText, diagnostics = [] } = ts.transpileModule(source, {
    compilerOptions: { ...options, ...asModule, sourceMap: false },
    fileName: join(CHECKOUT, file),
    reportDiagnostics: true,
  });
  const [fault] = diagnostics;
  if (fault !== undefined) throw new Error(`${file}: ${ts.flattenDiagnosticMessageText(fault.messageText, '\n')}`);
  return outputText;
}
