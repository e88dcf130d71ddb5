import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { pinVerificationSchema, type PinVerificationResult } from '#contracts';
import { validate } from '#platform';
import { VerifyPin } from './verify-pin.js';

@Controller('internal/pin-verifications')
export class PinController {
  constructor(private readonly pins: VerifyPin) {}

  @Post()
  @HttpCode(200)
  verify(@Body() body: unknown): Promise<PinVerificationResult> {
    return this.pins.verify(validate(pinVerificationSchema, body));
  }
}
