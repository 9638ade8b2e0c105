-- A decision is final, and who asked is never rewritten: otherwise four eyes could be
-- reached by changing the requester afterwards.
CREATE FUNCTION staff_approval_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
       AND OLD.decided_at IS NULL
       AND (NEW.id, NEW.kind, NEW.summary, NEW.requested_by_id, NEW.requested_at)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.kind, OLD.summary, OLD.requested_by_id, OLD.requested_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '审批记录不能修改或删除'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'approval_is_final';
END $$;

CREATE TRIGGER staff_approval_guard
    BEFORE UPDATE OR DELETE ON staff_approval
    FOR EACH ROW EXECUTE FUNCTION staff_approval_guard();

CREATE TRIGGER staff_approval_no_truncate
    BEFORE TRUNCATE ON staff_approval
    FOR EACH STATEMENT EXECUTE FUNCTION staff_approval_guard();
