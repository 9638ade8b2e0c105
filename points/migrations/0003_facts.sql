-- The facts behind the ledger: receipts, refunds, corrections, legacy points.

-- A receipt starts with nothing refunded. A later revision follows one that was reversed (C39);
-- payments that legacy points stand for already are not counted again (C2).
CREATE FUNCTION points_receipt_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.refunded_amount := 0;
    NEW.voided := false;
    IF NEW.revision > 1 AND NOT EXISTS (
       SELECT FROM points_receipt earlier JOIN points_correction cause
           ON cause.receipt_id = earlier.id AND cause.id = NEW.correction_id
        WHERE number = NEW.number AND revision = NEW.revision - 1 AND voided) THEN
        PERFORM points_refuse('receipt_follows_reversal', '收据的上一版冲正后才能重录');
    END IF;
    IF EXISTS (SELECT FROM points_legacybalance
                WHERE patient_id = NEW.patient_id AND NOT rejected
                  AND until >= (NEW.paid_at AT TIME ZONE 'Asia/Shanghai')::date) THEN
        PERFORM points_refuse('receipt_counted_as_legacy', '这一天的消费已计入该病人转入的原积分');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER points_receipt_start
    BEFORE INSERT ON points_receipt
    FOR EACH ROW EXECUTE FUNCTION points_receipt_start();

-- A refund takes no more than is left, and the points are the difference of two floors, so that
-- parts always sum to the whole. The receipt row is locked before the account.
CREATE FUNCTION points_refund_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid points_receipt;
BEGIN
    NEW.voided := false;
    SELECT * INTO paid FROM points_receipt WHERE id = NEW.receipt_id FOR UPDATE;
    IF EXISTS (SELECT FROM points_refund WHERE number = NEW.number AND revision = NEW.revision) THEN
        PERFORM points_refuse('refund_counts_once', '该退费单号已入账');
    END IF;
    IF NEW.revision > 1 AND NOT EXISTS (
       SELECT FROM points_refund earlier JOIN points_receipt before ON before.id = receipt_id
        WHERE earlier.number = NEW.number AND earlier.revision = NEW.revision - 1
          AND (earlier.voided OR before.voided)) THEN
        PERFORM points_refuse('refund_follows_reversal', '退费的上一版冲正后才能重录');
    END IF;
    IF paid.voided THEN
        PERFORM points_refuse('refund_of_live_receipt', '该收据已冲正，不能退费');
    END IF;
    IF paid.refunded_amount + NEW.amount > paid.amount THEN
        PERFORM points_refuse('refund_at_most_paid', '退费合计不能超过收据金额');
    END IF;
    NEW.points := floor((paid.amount - paid.refunded_amount - NEW.amount) * paid.rate)
                  - paid.net_points;
    UPDATE points_receipt SET refunded_amount = refunded_amount + NEW.amount
     WHERE id = NEW.receipt_id;
    RETURN NEW;
END $$;

CREATE TRIGGER points_refund_post
    BEFORE INSERT ON points_refund
    FOR EACH ROW EXECUTE FUNCTION points_refund_post();

-- A correction takes back what is left of a receipt, or a refund; once each.
CREATE FUNCTION points_correction_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid points_receipt;
    refund points_refund;
    left_points bigint;
BEGIN
    SELECT * INTO paid FROM points_receipt WHERE id = NEW.receipt_id FOR UPDATE;
    SELECT * INTO refund FROM points_refund WHERE id = NEW.refund_id FOR UPDATE;
    IF NEW.refund_id IS NULL AND paid.voided = NEW.voids THEN
        PERFORM points_refuse('correction_fits_receipt', '只能冲正有效的收据，只能重录已冲正的收据');
    END IF;
    IF NEW.refund_id IS NOT NULL AND (
       refund.voided OR paid.voided OR refund.receipt_id <> NEW.receipt_id) THEN
        PERFORM points_refuse('correction_fits_refund', '这笔退费已经冲正，或它的收据已经冲正');
    END IF;
    UPDATE points_receipt
       SET voided = voided OR NEW.voids,
           refunded_amount = refunded_amount - coalesce(refund.amount, 0)
     WHERE id = NEW.receipt_id RETURNING net_points INTO left_points;
    UPDATE points_refund SET voided = true WHERE id = NEW.refund_id;
    NEW.points := left_points - paid.net_points;
    NEW.reference := CASE WHEN NEW.refund_id IS NOT NULL THEN 'reversal:' || refund.reference
                          WHEN NEW.voids THEN 'reversal:' || paid.reference ELSE '' END;
    RETURN NEW;
END $$;

CREATE TRIGGER points_correction_post
    BEFORE INSERT ON points_correction
    FOR EACH ROW EXECUTE FUNCTION points_correction_post();

-- Legacy points stand for payments of days that nobody else has entered.
CREATE FUNCTION points_balance_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.rejected := false;
    IF EXISTS (SELECT FROM points_receipt
                WHERE patient_id = NEW.patient_id AND NOT voided AND day <= NEW.until) THEN
        PERFORM points_refuse('balance_before_receipts', '该病人在截止日期及以前已有收费入账');
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER points_balance_start
    BEFORE INSERT ON points_legacybalance
    FOR EACH ROW EXECUTE FUNCTION points_balance_start();

-- Nothing without its entry, at the latest when the transaction commits.
CREATE FUNCTION points_must_be_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.reference <> ''
       AND NOT EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference) THEN
        PERFORM points_refuse('points_must_be_posted', '收据、退费或冲正没有记入积分流水');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER points_receipt_must_be_posted
    AFTER INSERT ON points_receipt DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_must_be_posted();

CREATE CONSTRAINT TRIGGER points_refund_must_be_posted
    AFTER INSERT ON points_refund DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_must_be_posted();

CREATE CONSTRAINT TRIGGER points_correction_must_be_posted
    AFTER INSERT ON points_correction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_must_be_posted();
