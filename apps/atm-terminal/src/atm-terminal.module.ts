import { Inject, Module, type DynamicModule, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { SERVICE } from '#contracts';
import { Database } from '#database';
import { MessagingModule, parseChannels } from '#messaging';
import { databaseOf, FAULT_POINTS, type FaultPoints } from '#platform';
import { AuditTerminals } from './audit/audit-terminals.js';
import { BalanceController } from './balance/balance.controller.js';
import { BalancePrefetch } from './balance/balance-prefetch.js';
import { CachedBalances } from './balance/cached-balances.js';
import { Cassettes } from './cassette/cassettes.js';
import { NotesController } from './cassette/notes.controller.js';
import { CONFIG, type Config } from './config.js';
import { DepositController } from './deposit/deposit.controller.js';
import { TakeDeposit } from './deposit/take-deposit.js';
import { Dispenser } from './dispenser/dispenser.js';
import { SimulatedDispenser } from './dispenser/simulated-dispenser.js';
import { AccountHost } from './host/account-host.js';
import { AnswerRetention } from './idempotency/answer-retention.js';
import { Idempotency } from './idempotency/idempotency.js';
import { KeyedHash } from './identity/keyed-hash.js';
import { Journal } from './journal/journal.js';
import { JournalShipper } from './journal/journal-shipper.js';
import { ShipJournals } from './journal/ship-journals.js';
import { LOGGER } from './logger.js';
import { InternalController } from './operator/internal.controller.js';
import { Money } from './operator/money.js';
import { RecentWithdrawalsController } from './operator/recent-withdrawals.controller.js';
import { ReplenishTerminal } from './operator/replenish-terminal.js';
import { ReplicaStatus } from './operator/replica-status.js';
import { TerminalController } from './operator/terminal.controller.js';
import { TerminalView } from './operator/terminal-view.js';
import { RecoverySweep } from './recovery/recovery-sweep.js';
import { CloseSession } from './session/close-session.js';
import { OpenSession } from './session/open-session.js';
import { SessionAccess } from './session/session-access.js';
import { SessionController } from './session/session.controller.js';
import { Sessions } from './session/sessions.js';
import { UnknownCards } from './session/unknown-cards.js';
import { AtmEndpoint } from './settlement/atm.endpoint.js';
import { StatementController } from './statement/statement.controller.js';
import { TerminalTrails } from './trail/terminal-trails.js';
import { TrailController } from './trail/trail.controller.js';
import { TransferController } from './transfer/transfer.controller.js';
import { TransferMoney } from './transfer/transfer-money.js';
import { WithdrawalController } from './withdrawal/withdrawal.controller.js';
import { ReferenceNumbers } from './withdrawal/reference-numbers.js';
import { WithdrawalDriver } from './withdrawal/withdrawal-driver.js';
import { WithdrawalRequests } from './withdrawal/withdrawal-requests.js';
import { WithdrawalSelection } from './withdrawal/withdrawal-selection.js';
import { Withdrawals } from './withdrawal/withdrawals.js';

/** What the process has opened before Nest starts. */
export interface AtmTerminalRuntime {
  readonly config: Config;
  /** Migrated and open; the module closes it last. */
  readonly dataSource: DataSource;
  readonly accountHost: AccountHost;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly faultPoints: FaultPoints;
}

@Module({})
export class AtmTerminalModule implements OnApplicationShutdown {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  static with(runtime: AtmTerminalRuntime): DynamicModule {
    return {
      module: AtmTerminalModule,
      imports: [messaging(runtime)],
      controllers: [
        BalanceController,
        DepositController,
        InternalController,
        NotesController,
        RecentWithdrawalsController,
        SessionController,
        StatementController,
        TerminalController,
        TrailController,
        TransferController,
        WithdrawalController,
      ],
      providers: [
        ...ports(runtime),
        AnswerRetention,
        AtmEndpoint,
        AuditTerminals,
        BalancePrefetch,
        CachedBalances,
        Cassettes,
        CloseSession,
        Idempotency,
        Journal,
        JournalShipper,
        Money,
        OpenSession,
        RecoverySweep,
        ReferenceNumbers,
        ReplenishTerminal,
        ReplicaStatus,
        SessionAccess,
        Sessions,
        ShipJournals,
        TakeDeposit,
        TerminalTrails,
        TerminalView,
        TransferMoney,
        UnknownCards,
        WithdrawalDriver,
        WithdrawalRequests,
        WithdrawalSelection,
        Withdrawals,
      ],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.dataSource.destroy();
  }
}

function ports({ config, dataSource, accountHost, logger, faultPoints }: AtmTerminalRuntime) {
  return [
    { provide: CONFIG, useValue: config },
    { provide: LOGGER, useValue: logger },
    { provide: FAULT_POINTS, useValue: faultPoints },
    { provide: KeyedHash, useValue: new KeyedHash(config.TOKEN_KEY) },
    { provide: DataSource, useValue: dataSource },
    { provide: Database, useValue: databaseOf(dataSource) },
    { provide: AccountHost, useValue: accountHost },
    { provide: Dispenser, useClass: SimulatedDispenser },
  ];
}

function messaging({ config, dataSource, logger, registry, faultPoints }: AtmTerminalRuntime): DynamicModule {
  return MessagingModule.forRootAsync({
    operatorPath: 'internal/messaging',
    useFactory: () => ({
      broker: config.BROKER,
      replica: config.REPLICA_NAME,
      database: databaseOf(dataSource),
      channels: parseChannels(config.CHANNELS),
      routes: config.JOURNAL_BROKERS.map((broker) => ({ service: SERVICE.journal, broker, channels: [] })),
      logger,
      faultPoints,
      registry,
    }),
  });
}
