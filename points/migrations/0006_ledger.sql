-- The points ledger posts itself: whatever inserts an entry, these rules hold (design section 4).

-- Microseconds since 1970 in UTC: the same bytes whatever the session's time zone or date style.
CREATE FUNCTION points_micros(moment timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM moment) * 1000000)::bigint
$$;

-- The facts behind entries, each as one text. What the database itself changes later (refunded,
-- voided, rejected) is not part of it; what came in by a correction or an import says so.
CREATE FUNCTION points_correction_text(correction points_correction) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        correction.id, correction.receipt_id, correction.refund_id, correction.voids,
        correction.points, points_micros(correction.corrected_at), correction.reason,
        correction.by_id, points_micros(correction.recorded_at)
    )::text
$$;

CREATE FUNCTION points_origin_text(correction bigint, import bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN correction IS NULL THEN '[]' ELSE jsonb_build_array((
               SELECT points_correction_text(cause) FROM points_correction cause
                WHERE cause.id = correction)) END
        || CASE WHEN import IS NULL THEN '[]'
                ELSE jsonb_build_object('import', import) END
$$;

CREATE FUNCTION points_receipt_text(paid points_receipt) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_array(
        paid.id, paid.number, paid.revision, paid.patient_id, paid.amount::text, paid.rate,
        points_micros(paid.paid_at), paid.department, paid.doctor_number, paid.note,
        paid.scheme_id, paid.by_id, points_micros(paid.recorded_at)
    ) || points_origin_text(paid.correction_id, paid.imported_in_id))::text
$$;

CREATE FUNCTION points_refund_text(refund points_refund) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT (jsonb_build_array(
        refund.id, refund.number, refund.receipt_id, refund.amount::text, refund.points,
        points_micros(refund.refunded_at), refund.reason, refund.by_id,
        points_micros(refund.recorded_at)
    ) || CASE WHEN refund.revision = 1 THEN '[]' ELSE jsonb_build_array(refund.revision) END
      || points_origin_text(refund.correction_id, NULL))::text
$$;

CREATE FUNCTION points_balance_text(balance points_legacybalance) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        balance.id, balance.patient_id, balance.points, balance.until, balance.imported_in_id,
        balance.by_id, points_micros(balance.recorded_at)
    )::text
$$;

CREATE FUNCTION points_merge_text(merge members_filemerge) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(merge.id, merge.kept_id, merge.absorbed_id)::text
$$;

-- The chain: a version byte, the previous hash, every field of the entry with explicit nulls,
-- and the fact behind it. A changed digit in any of them breaks the hash.
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

-- An entry moves exactly the points of its fact, on the account of the fact's patient or of the
-- file that this patient was merged into (C40).
CREATE FUNCTION points_expect(
    entry points_pointsentry, patient bigint, points bigint, name text, sentence text
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF patient IS NULL OR points IS DISTINCT FROM entry.cumulative_delta
       OR entry.available_delta NOT IN (0, points)
       OR patient <> entry.account_id AND NOT EXISTS (
          SELECT FROM members_patient
           WHERE id = patient AND merged_into_id = entry.account_id) THEN
        PERFORM points_refuse(name, sentence);
    END IF;
END $$;

-- What one account hands over at a merge or its undoing, the other takes over.
CREATE FUNCTION points_expect_merge(entry points_pointsentry, merge members_filemerge)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    back boolean := entry.reference LIKE 'unmerge:%';
    giver bigint := CASE WHEN back THEN merge.kept_id ELSE merge.absorbed_id END;
    taker bigint := CASE WHEN back THEN merge.absorbed_id ELSE merge.kept_id END;
BEGIN
    IF merge.id IS NULL OR merge.merged_at IS NULL OR back <> (merge.undone_at IS NOT NULL)
       OR entry.account_id <> (CASE entry.kind WHEN 'merge_out' THEN giver ELSE taker END)
       OR entry.reference NOT LIKE '%:' || substr(entry.kind, 7)
       OR entry.kind = 'merge_in' AND NOT EXISTS (
          SELECT FROM points_pointsentry given
           WHERE given.reference = left(entry.reference, -2) || 'out'
             AND given.cumulative_delta = -entry.cumulative_delta
             AND given.available_delta = -entry.available_delta) THEN
        PERFORM points_refuse('points_entry_matches_merge', '积分与档案的合并不符');
    END IF;
END $$;

-- The fact behind an entry, as text; refuses an entry that says anything else than its fact.
CREATE FUNCTION points_entry_source(entry points_pointsentry) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    paid points_receipt;
    refund points_refund;
    correction points_correction;
    balance points_legacybalance;
    merge members_filemerge;
BEGIN
    IF entry.kind = 'earn' THEN
        SELECT * INTO paid FROM points_receipt WHERE reference = entry.reference;
        PERFORM points_expect(entry, paid.patient_id, floor(paid.amount * paid.rate)::bigint,
                              'points_entry_matches_receipt', '积分与收据不符');
        RETURN points_receipt_text(paid);
    ELSIF entry.kind = 'refund' THEN
        SELECT * INTO refund FROM points_refund WHERE reference = entry.reference;
        SELECT * INTO paid FROM points_receipt WHERE id = refund.receipt_id;
        PERFORM points_expect(entry, paid.patient_id, refund.points,
                              'points_entry_matches_refund', '扣回积分与退费不符');
        RETURN points_refund_text(refund);
    ELSIF entry.kind = 'reversal' THEN
        SELECT * INTO correction FROM points_correction WHERE reference = entry.reference;
        SELECT * INTO paid FROM points_receipt WHERE id = correction.receipt_id;
        PERFORM points_expect(entry, paid.patient_id, correction.points,
                              'points_entry_matches_correction', '冲正积分与更正不符');
        RETURN points_correction_text(correction);
    ELSIF entry.kind = 'opening' THEN
        SELECT * INTO balance FROM points_legacybalance
         WHERE reference = entry.reference AND NOT rejected;
        PERFORM points_expect(entry, balance.patient_id, balance.points,
                              'points_entry_matches_balance', '期初积分与确认的原积分不符');
        RETURN points_balance_text(balance);
    ELSIF entry.kind IN ('merge_out', 'merge_in') THEN
        SELECT * INTO merge FROM members_filemerge
         WHERE id = substring(entry.reference FROM '^(?:un)?merge:(\d{1,18}):(?:out|in)$')::bigint;
        PERFORM points_expect_merge(entry, merge);
        RETURN points_merge_text(merge);
    ELSIF entry.kind IN ('redeem', 'redeem_cancel') THEN
        RETURN rewards_entry_source(entry);
    ELSIF entry.kind = 'changeover' THEN
        PERFORM points_expect_changeover(entry);
        RETURN entry.reference;
    END IF;
    RETURN NULL;
END $$;

-- Legacy points count when a second person has confirmed them; who has shell access and acts as
-- the user "system" is that person.
CREATE FUNCTION points_is_confirmed(balance text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM points_legacybalance legacy JOIN staff_user colleague ON colleague.id = by_id
          LEFT JOIN points_legacyconfirmation word USING (imported_in_id)
         WHERE reference = balance AND NOT rejected
           AND (decision = 'confirm' OR word.id IS NULL AND username = 'system'))
$$;

CREATE FUNCTION points_entry_post() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account points_pointsaccount;
    source text := points_entry_source(NEW);
    leaves boolean := NEW.kind = 'merge_out' AND NEW.reference LIKE 'merge:%';
    returns boolean := NEW.kind = 'merge_in' AND NEW.reference LIKE 'unmerge:%';
BEGIN
    IF NEW.kind = 'opening' AND NOT points_is_confirmed(NEW.reference) THEN
        PERFORM points_refuse('points_opening_confirmed', '原积分须经另一人确认后才能计入');
    END IF;

    -- The account row is the lock; the first entry opens it. Totals move here and nowhere else.
    LOOP
        UPDATE points_pointsaccount
           SET last_seq = last_seq + 1,
               cumulative = cumulative + NEW.cumulative_delta,
               available = available + NEW.available_delta,
               closed = (closed OR leaves) AND NOT returns
         WHERE patient_id = NEW.account_id
        RETURNING * INTO account;
        EXIT WHEN FOUND;
        INSERT INTO points_pointsaccount (patient_id, cumulative, available, last_seq)
        VALUES (NEW.account_id, 0, 0, 0) ON CONFLICT DO NOTHING;
    END LOOP;

    -- A payment from before 方案B, entered or given back after its file's change-over: what it
    -- moves can be spent at once (C3). Only now is it certain whether that has been.
    IF NEW.available_delta = 0 AND NEW.cumulative_delta <> 0
       AND points_is_carried_over(NEW, 'infinity') THEN
        NEW.available_delta := NEW.cumulative_delta;
        UPDATE points_pointsaccount SET available = available + NEW.available_delta
         WHERE patient_id = NEW.account_id
        RETURNING * INTO account;
    END IF;

    -- One cause, one entry: also for INSERT … ON CONFLICT DO NOTHING, which would otherwise leave
    -- the account moved without an entry.
    IF EXISTS (SELECT FROM points_pointsentry WHERE reference = NEW.reference) THEN
        PERFORM points_refuse('points_entry_once', '这笔业务已记入积分流水');
    END IF;

    IF account.closed AND NOT leaves
       OR leaves AND (account.cumulative, account.available) <> (0, 0) THEN
        PERFORM points_refuse('points_account_closed', '该档案已并入另一份档案，积分记在那份档案上');
    END IF;

    -- What was wrong may leave a debt; nothing is spent that is not there.
    IF NEW.available_delta < 0 AND account.available < 0
       AND NEW.kind NOT IN ('refund', 'reversal', 'merge_out', 'merge_in') THEN
        PERFORM points_refuse('points_available_not_overdrawn', '可用积分不足');
    END IF;

    NEW.seq := account.last_seq;
    NEW.cumulative_after := account.cumulative;
    NEW.available_after := account.available;
    NEW.prev_hash := '\x';
    NEW.recorded_at := clock_timestamp();
    -- A missing predecessor leaves NULL here, which the columns refuse. Times follow the order of
    -- the entries, even where the clock was put back.
    IF NEW.seq > 1 THEN
        SELECT hash, greatest(NEW.recorded_at, recorded_at + interval '1 microsecond')
          INTO NEW.prev_hash, NEW.recorded_at
          FROM points_pointsentry WHERE account_id = NEW.account_id AND seq = NEW.seq - 1;
    END IF;
    NEW.hash := points_entry_hash(NEW, source);
    RETURN NEW;
END $$;

CREATE TRIGGER points_entry_post
    BEFORE INSERT ON points_pointsentry
    FOR EACH ROW EXECUTE FUNCTION points_entry_post();

-- Nothing that one account handed over is lost on the way.
CREATE FUNCTION points_merge_arrives() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind = 'merge_out' AND NOT EXISTS (
       SELECT FROM points_pointsentry WHERE reference = left(NEW.reference, -3) || 'in') THEN
        PERFORM points_refuse('points_merge_arrives', '并出的积分没有并入另一份档案');
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER points_merge_arrives
    AFTER INSERT ON points_pointsentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION points_merge_arrives();
