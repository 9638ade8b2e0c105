-- Facts are append-only, whoever asks. Account totals, a receipt's refunded sum and what was
-- voided move only from inside the triggers beside: a direct statement runs at trigger depth 0.
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
    BEFORE UPDATE ON points_refund FOR EACH ROW
    WHEN (pg_trigger_depth() = 0)
    EXECUTE FUNCTION points_append_only('points_refund_append_only', '退费记录不能修改或删除，请冲正');
CREATE TRIGGER points_refund_no_delete
    BEFORE DELETE ON points_refund FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_refund_append_only', '退费记录不能修改或删除，请冲正');
CREATE TRIGGER points_refund_no_truncate
    BEFORE TRUNCATE ON points_refund FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_refund_append_only', '退费记录不能修改或删除，请冲正');

CREATE TRIGGER points_correction_append_only
    BEFORE UPDATE OR DELETE ON points_correction FOR EACH ROW
    EXECUTE FUNCTION points_append_only('points_correction_append_only', '更正记录不能修改或删除');
CREATE TRIGGER points_correction_no_truncate
    BEFORE TRUNCATE ON points_correction FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_correction_append_only', '更正记录不能修改或删除');

-- What is decided is decided: each of these columns is filled once, the rest never changes.
CREATE FUNCTION points_decided_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- What the database generates is not in NEW yet.
    before jsonb := to_jsonb(OLD) - 'reference';
    after jsonb := to_jsonb(NEW) - 'reference';
    open_column text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        FOREACH open_column IN ARRAY TG_ARGV LOOP
            IF coalesce(before->>open_column, '') IN ('', 'false') THEN
                before := before - open_column;
                after := after - open_column;
            END IF;
        END LOOP;
        IF before = after THEN
            RETURN NEW;
        END IF;
    END IF;
    PERFORM points_refuse('points_decided_once', '已决定的事项不能修改或删除');
END $$;

CREATE TRIGGER points_tierreached_decided_once
    BEFORE UPDATE OR DELETE ON points_tierreached
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('withdrawn_by_id', 'restated_by_id');
CREATE TRIGGER points_tierreached_no_truncate
    BEFORE TRUNCATE ON points_tierreached FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '已决定的事项不能修改或删除');
CREATE TRIGGER points_tierreview_decided_once
    BEFORE UPDATE OR DELETE ON points_tierreview
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('decision', 'decided_at', 'restated_by_id');
CREATE TRIGGER points_tierreview_no_truncate
    BEFORE TRUNCATE ON points_tierreview FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '已决定的事项不能修改或删除');
CREATE TRIGGER points_legacybalance_decided_once
    BEFORE UPDATE OR DELETE ON points_legacybalance
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('rejected');
CREATE TRIGGER points_legacybalance_no_truncate
    BEFORE TRUNCATE ON points_legacybalance FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '已决定的事项不能修改或删除');
CREATE TRIGGER points_legacyconfirmation_decided_once
    BEFORE UPDATE OR DELETE ON points_legacyconfirmation
    FOR EACH ROW EXECUTE FUNCTION points_decided_once('decision');
CREATE TRIGGER points_legacyconfirmation_no_truncate
    BEFORE TRUNCATE ON points_legacyconfirmation FOR EACH STATEMENT
    EXECUTE FUNCTION points_append_only('points_decided_once', '已决定的事项不能修改或删除');
