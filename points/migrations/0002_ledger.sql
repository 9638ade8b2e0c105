-- The points ledger posts itself: whatever inserts an entry, these rules hold (design section 4).

-- Microseconds since 1970 in UTC: the same bytes whatever the session's time zone or date style.
CREATE FUNCTION points_micros(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

-- What a receipt or a refund says, as one text; what was refunded later is not part of it.
CREATE FUNCTION points_receipt_text(paid points_receipt) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        paid.id, paid.number, paid.revision, paid.patient_id, paid.amount::text, paid.rate,
        points_micros(paid.paid_at), paid.department, paid.doctor_number, paid.note,
        paid.scheme_id, paid.by_id, points_micros(paid.recorded_at)
    )::text
$$;

CREATE FUNCTION points_refund_text(refund points_refund) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        refund.id, refund.number, refund.receipt_id, refund.amount::text, refund.points,
        points_micros(refund.refunded_at), refund.reason, refund.by_id,
        points_micros(refund.recorded_at)
    )::text
$$;

-- The chain: a version byte, the previous hash, every field of the entry with explicit nulls,
-- and the receipt or refund behind it. A changed digit in any of them breaks the hash.
CREATE FUNCTION points_entry_hash(entry points_pointsentry, source text) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256('\x01'::bytea || entry.prev_hash || convert_to(
        jsonb_build_array(
            entry.id, entry.account_id, entry.seq, entry.kind,
            entry.cumulative_delta, entry.available_delta,
            entry.cumulative_after, entry.available_after,
            points_micros(entry.occurred_at), points_micros(entry.recorded_at),
            entry.reference, entry.scheme_id, entry.by_id, source
        )::text, 'UTF8'))
$$;

CREATE FUNCTION points_refuse(name text, sentence text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = name, MESSAGE = sentence;
END $$;

CREATE FUNCTION points_entry_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account points_pointsaccount;
    paid points_receipt;
    refund points_refund;
    source text;
BEGIN
    -- An earning is exactly its receipt's points, a refund exactly what its refund took.
    IF NEW.kind = 'earn' THEN
        SELECT * INTO paid FROM points_receipt WHERE reference = NEW.reference;
        IF paid.id IS NULL OR paid.patient_id <> NEW.account_id
           OR NEW.cumulative_delta <> floor(paid.amount * paid.rate)
           OR NEW.available_delta NOT IN (0, NEW.cumulative_delta) THEN
            PERFORM points_refuse('points_entry_matches_receipt', '积分与收据不符');
        END IF;
        source := points_receipt_text(paid);
    ELSIF NEW.kind = 'refund' THEN
        SELECT * INTO refund FROM points_refund WHERE reference = NEW.reference;
        SELECT * INTO paid FROM points_receipt WHERE id = refund.receipt_id;
        IF refund.id IS NULL OR paid.patient_id <> NEW.account_id
           OR NEW.cumulative_delta <> refund.points
           OR NEW.available_delta NOT IN (0, NEW.cumulative_delta) THEN
            PERFORM points_refuse('points_entry_matches_refund', '扣回积分与退费不符');
        END IF;
        source := points_refund_text(refund);
    END IF;

    -- The account row is the lock; the first entry opens it. Totals move here and nowhere else.
    LOOP
        UPDATE points_pointsaccount
           SET last_seq = last_seq + 1,
               cumulative = cumulative + NEW.cumulative_delta,
               available = available + NEW.available_delta
         WHERE patient_id = NEW.account_id
        RETURNING * INTO account;
        EXIT WHEN FOUND;
        INSERT INTO points_pointsaccount (patient_id, cumulative, available, last_seq)
        VALUES (NEW.account_id, 0, 0, 0) ON CONFLICT DO NOTHING;
    END LOOP;

    -- One cause, one entry: also for INSERT … ON CONFLICT DO NOTHING, which would otherwise leave
    -- the account moved without an entry.
    IF EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference) THEN
        PERFORM points_refuse('points_entry_once', '这笔业务已记入积分流水');
    END IF;

    -- Only a refund may leave a debt; nothing is spent that is not there.
    IF NEW.available_delta < 0 AND account.available < 0 AND NEW.kind <> 'refund' THEN
        PERFORM points_refuse('points_available_not_overdrawn', '可用积分不足');
    END IF;

    NEW.seq := account.last_seq;
    NEW.cumulative_after := account.cumulative;
    NEW.available_after := account.available;
    NEW.recorded_at := clock_timestamp();
    -- A missing predecessor leaves NULL here, which the column refuses.
    NEW.prev_hash := CASE WHEN NEW.seq = 1 THEN '\x'::bytea ELSE (
        SELECT hash FROM points_pointsentry
         WHERE account_id = NEW.account_id AND seq = NEW.seq - 1) END;
    NEW.hash := points_entry_hash(NEW, source);
    RETURN NEW;
END $$;

CREATE TRIGGER points_entry_post
    BEFORE INSERT ON points_pointsentry
    FOR EACH ROW EXECUTE FUNCTION points_entry_post();

-- A refund takes no more than is left, and the points are the difference of two floors, so that
-- parts always sum to the whole. The receipt row is locked before the account.
CREATE FUNCTION points_refund_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    paid points_receipt;
BEGIN
    SELECT * INTO paid FROM points_receipt WHERE id = NEW.receipt_id FOR UPDATE;
    IF EXISTS (SELECT FROM points_refund WHERE number = NEW.number) THEN
        PERFORM points_refuse('refund_counts_once', '该退费单号已入账');
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

-- A receipt starts with nothing refunded.
CREATE FUNCTION points_receipt_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.refunded_amount := 0;
    RETURN NEW;
END $$;

CREATE TRIGGER points_receipt_start
    BEFORE INSERT ON points_receipt
    FOR EACH ROW EXECUTE FUNCTION points_receipt_start();

-- No receipt and no refund without its entry, at the latest when the transaction commits.
CREATE FUNCTION points_must_be_posted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference) THEN
        PERFORM points_refuse('points_must_be_posted', '收据或退费没有记入积分流水');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER points_receipt_must_be_posted
    AFTER INSERT ON points_receipt DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_must_be_posted();

CREATE CONSTRAINT TRIGGER points_refund_must_be_posted
    AFTER INSERT ON points_refund DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_must_be_posted();

-- Facts are append-only, whoever asks. Account totals and a receipt's refunded sum move only
-- from inside the triggers above: a direct statement runs at trigger depth 0.
CREATE FUNCTION points_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points_refuse(TG_ARGV[0], TG_ARGV[1]);
    RETURN NULL;
END $$;

CREATE TRIGGER points_entry_append_only
    BEFORE UPDATE OR DELETE ON points_pointsentry FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_entry_append_only', '积分流水只能新增，不能修改或删除');
CREATE TRIGGER points_entry_no_truncate
    BEFORE TRUNCATE ON points_pointsentry FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_entry_append_only', '积分流水只能新增，不能修改或删除');

CREATE TRIGGER points_account_by_trigger_only
    BEFORE INSERT OR UPDATE ON points_pointsaccount FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION points_append_only('points_account_by_trigger_only', '积分账户只能由流水改变');
CREATE TRIGGER points_account_no_delete
    BEFORE DELETE ON points_pointsaccount FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_account_by_trigger_only', '积分账户只能由流水改变');
CREATE TRIGGER points_account_no_truncate
    BEFORE TRUNCATE ON points_pointsaccount FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_account_by_trigger_only', '积分账户只能由流水改变');

CREATE TRIGGER points_receipt_append_only
    BEFORE UPDATE ON points_receipt FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION points_append_only('points_receipt_append_only', '收据不能修改或删除，请退费或冲正');
CREATE TRIGGER points_receipt_no_delete
    BEFORE DELETE ON points_receipt FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_receipt_append_only', '收据不能修改或删除，请退费或冲正');
CREATE TRIGGER points_receipt_no_truncate
    BEFORE TRUNCATE ON points_receipt FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_receipt_append_only', '收据不能修改或删除，请退费或冲正');

CREATE TRIGGER points_refund_append_only
    BEFORE UPDATE OR DELETE ON points_refund FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_refund_append_only', '退费记录不能修改或删除');
CREATE TRIGGER points_refund_no_truncate
    BEFORE TRUNCATE ON points_refund FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_refund_append_only', '退费记录不能修改或删除');

-- A level reached only ever gains the review that took it back; a review only its decision.
CREATE FUNCTION points_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    open_column text := TG_ARGV[0];
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(before->>open_column, '') = ''
       AND before - open_column = after - open_column THEN
        RETURN NEW;
    END IF;
    PERFORM points_refuse('points_decided_once', '级别记录与复核决定不能修改或删除');
END $$;

CREATE TRIGGER points_tierreached_decided_once
    BEFORE UPDATE OR DELETE ON points_tierreached
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('withdrawn_by_id');
CREATE TRIGGER points_tierreached_no_truncate
    BEFORE TRUNCATE ON points_tierreached FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '级别记录与复核决定不能修改或删除');
CREATE TRIGGER points_tierreview_decided_once
    BEFORE UPDATE OR DELETE ON points_tierreview
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('decision');
CREATE TRIGGER points_tierreview_no_truncate
    BEFORE TRUNCATE ON points_tierreview FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '级别记录与复核决定不能修改或删除');
