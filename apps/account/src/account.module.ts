import { Module, type DynamicModule, type OnApplicationShutdown, Inject } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { Database } from '#database';
import { MessagingModule, parseChannels } from '#messaging';
import { databaseOf, FAULT_POINTS, type FaultPoints } from '#platform';
import { AccountEndpoint } from './advices/account.endpoint.js';
import { PostAdvices } from './advices/post-advices.js';
import { AuditController } from './audit/audit.controller.js';
import { AuditLedger } from './audit/audit-ledger.js';
import { RunningLedgerSum } from './audit/running-ledger-sum.js';
import { AuthoriseController } from './authorise/authorise.controller.js';
import { AuthoriseWithdrawals } from './authorise/authorise-withdrawals.js';
import { BalanceController } from './balance/balance.controller.js';
import { BalanceReader } from './balance/balance-reader.js';
import { ACCOUNT_CONFIG, type AccountConfig } from './config.js';
import { ArchiveJournal } from './journal/archive-journal.js';
import { JournalEndpoint } from './journal/journal.endpoint.js';
import { AccountView } from './operator/account-view.js';
import { FaultsController } from './operator/faults.controller.js';
import { OperatorAccountController } from './operator/operator-account.controller.js';
import { StatusController } from './operator/status.controller.js';
import { LOGGER } from './logger.js';
import { LedgerStore } from './persistence/ledger-store.js';
import { CardKeys } from './pin/card-keys.js';
import { PinAttempts } from './pin/pin-attempts.js';
import { PinController } from './pin/pin.controller.js';
import { VerifyPin } from './pin/verify-pin.js';
import { StatementController } from './statement/statement.controller.js';
import { StatementReader } from './statement/statement-reader.js';
import { TrailController } from './trail/trail.controller.js';
import { TransferController } from './transfer/transfer.controller.js';
import { TransferCredits } from './transfer/transfer-credits.js';
import { TransferMoney } from './transfer/transfer-money.js';

/** What the process has opened before Nest starts. */
export interface AccountRuntime {
  readonly config: AccountConfig;
  /** Migrated and open; the module closes it last. */
  readonly dataSource: DataSource;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly faultPoints: FaultPoints;
}

@Module({})
export class AccountModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  static with({ config, dataSource, logger, registry, faultPoints }: AccountRuntime): DynamicModule {
    const database = databaseOf(dataSource);
    return {
      module: AccountModule,
      imports: [
        MessagingModule.forRootAsync({
          operatorPath: 'internal/messaging',
          useFactory: () => ({
            broker: config.BROKER,
            replica: config.REPLICA_NAME,
            database,
            channels: parseChannels(config.CHANNELS),
            logger,
            faultPoints,
            registry,
          }),
        }),
      ],
      controllers: [
        AuditController,
        AuthoriseController,
        BalanceController,
        FaultsController,
        OperatorAccountController,
        PinController,
        StatementController,
        StatusController,
        TrailController,
        TransferController,
      ],
      providers: [
        { provide: ACCOUNT_CONFIG, useValue: config },
        { provide: CardKeys, useValue: new CardKeys(config.CARD_KEY, config.PIN_KEY) },
        { provide: DataSource, useValue: dataSource },
        { provide: Database, useValue: database },
        { provide: FAULT_POINTS, useValue: faultPoints },
        { provide: LOGGER, useValue: logger },
        AccountEndpoint,
        AccountView,
        ArchiveJournal,
        AuditLedger,
        AuthoriseWithdrawals,
        BalanceReader,
        JournalEndpoint,
        LedgerStore,
        PinAttempts,
        PostAdvices,
        RunningLedgerSum,
        StatementReader,
        TransferCredits,
        TransferMoney,
        VerifyPin,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}
