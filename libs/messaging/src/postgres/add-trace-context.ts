import type { MigrationInterface, QueryRunner } from 'typeorm';

/** W3C trace context of what sent the message, so that a copy that is sent again has it, too. */
export class AddTraceContext1700000000004 implements MigrationInterface {
  readonly name = 'AddTraceContext1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messaging.transmission_queue ADD COLUMN traceparent text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE messaging.transmission_queue DROP COLUMN traceparent');
  }
}
