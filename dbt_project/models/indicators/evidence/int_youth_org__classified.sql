{{ config(materialized='view') }}

with

youth_orgs as (
    select * from {{ ref('fct_youth_org') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

classes as (
    select * from {{ ref('code_classes') }}
),

keyed as (
    select
        youth_orgs.submission_id,
        youth_orgs.unit_code,
        youth_orgs.period,
        youth_orgs.sheet,
        youth_orgs.row,
        {{ thing_key('youth_orgs.unit_code', 'youth_orgs.org_name', 'youth_orgs.uscc') }} as org_key,
        contacted.value_zh is not null as is_contacted,
        cultivated.value_zh is not null as is_cultivated
    from youth_orgs
    inner join periods on youth_orgs.period = periods.period
    left join classes as contacted
        on
            periods.rulebook_version = contacted.rulebook_version
            and contacted.class_code = 'youth_org_contacted'
            and youth_orgs.relation = contacted.value_zh
    left join classes as cultivated
        on
            periods.rulebook_version = cultivated.rulebook_version
            and cultivated.class_code = 'youth_org_cultivated'
            and youth_orgs.relation = cultivated.value_zh
),

-- An organisation may stand in two rows, once as contacted and once as cultivated.
by_organisation as (
    select
        unit_code,
        period,
        org_key,
        max(case when is_contacted then 1 else 0 end) = 1 as has_contacted_row,
        max(case when is_cultivated then 1 else 0 end) = 1 as has_cultivated_row
    from keyed
    group by unit_code, period, org_key
),

final as (
    select
        keyed.submission_id,
        keyed.unit_code,
        keyed.period,
        keyed.sheet,
        keyed.row,
        keyed.unit_code as subject_key,
        keyed.org_key,
        keyed.is_contacted,
        keyed.is_cultivated,
        by_organisation.has_contacted_row or by_organisation.has_cultivated_row as is_contacted_or_cultivated,
        by_organisation.has_contacted_row and by_organisation.has_cultivated_row as is_contacted_and_cultivated
    from keyed
    inner join by_organisation
        on
            keyed.unit_code = by_organisation.unit_code
            and keyed.period = by_organisation.period
            and keyed.org_key = by_organisation.org_key
)

select * from final
