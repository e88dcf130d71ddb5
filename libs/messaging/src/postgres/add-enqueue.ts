import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ENQUEUE } from './enqueue.js';

export class AddEnqueue1700000000005 implements MigrationInterface {
  readonly name = 'AddEnqueue1700000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ENQUEUE);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION messaging.enqueue');
  }
}

/** Messages came as objects before. */
export class EnqueueByPosition1700000000006 implements MigrationInterface {
  readonly name = 'EnqueueByPosition1700000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ENQUEUE);
  }

  /** What it does is what it did. */
  async down(): Promise<void> {}
}
