-- What left the system as a file stays on record.
CREATE FUNCTION staff_export_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '导出记录不能修改或删除'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'export_is_on_record';
END $$;

CREATE TRIGGER staff_export_guard
    BEFORE UPDATE OR DELETE ON staff_export
    FOR EACH ROW EXECUTE FUNCTION staff_export_guard();

CREATE TRIGGER staff_export_no_truncate
    BEFORE TRUNCATE ON staff_export
    FOR EACH STATEMENT EXECUTE FUNCTION staff_export_guard();
