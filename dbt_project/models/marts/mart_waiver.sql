with

waivers as (
    select * from {{ ref('stg_ledger__waiver') }}
),

kinds as (
    select * from {{ ref('stg_reference__issue_kind') }}
),

units as (
    select * from {{ ref('dim_unit_current') }}
),

issues as (
    select
        waiver_id,
        cast(count(*) as integer) as finding_count
    from {{ ref('mart_issue') }}
    where waiver_id is not null
    group by waiver_id
),

final as (
    select
        waivers.waiver_id,
        waivers.scope_code,
        units.unit_name as scope_name,
        units.district_code,
        units.district_name,
        units.city_code,
        units.city_name,
        units.province_code,
        units.province_name,
        waivers.issue_code,
        kinds.check_level,
        kinds.severity,
        waivers.from_period,
        waivers.to_period,
        waivers.office_code,
        waivers.office_name,
        waivers.reason,
        waivers.recorded_at,
        waivers.revoked_at,
        waivers.revoked_by,
        waivers.revocation_reason,
        coalesce(issues.finding_count, 0) as finding_count
    from waivers
    left join kinds on waivers.issue_code = kinds.issue_code
    left join units on waivers.scope_code = units.unit_code
    left join issues on waivers.waiver_id = issues.waiver_id
)

select * from final
