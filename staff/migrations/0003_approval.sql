-- The guard as 0003 left it.
CREATE OR REPLACE FUNCTION staff_approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.decided_at IS NULL AND OLD.withdrawn_at IS NULL
       AND (NEW.id, NEW.kind, NEW.summary, NEW.requested_by_id, NEW.requested_at)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.kind, OLD.summary, OLD.requested_by_id, OLD.requested_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '审批记录不能修改或删除'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_is_final';
END $$;
