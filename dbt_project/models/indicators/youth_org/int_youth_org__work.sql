{{ config(materialized='view') }}

with

youth_orgs as (
    select * from {{ ref('fct_youth_org') }}
),

periods as (
    select * from {{ ref('dim_period') }}
),

-- The classes of the rule book that a value of a code list belongs to, one row per value.
classes as (
    select
        rulebook_version,
        code_list,
        value_zh,
        max(case when class_code = 'named_org_category' then 1 else 0 end) = 1 as is_named,
        max(case when class_code = 'known_org_category' then 1 else 0 end) = 1 as is_known,
        max(case when class_code = 'youth_org_cultivated' then 1 else 0 end) = 1 as is_cultivated,
        max(case when class_code = 'migrant_target' then 1 else 0 end) = 1 as is_migrant,
        max(case when class_code = 'graduate_target' then 1 else 0 end) = 1 as is_graduate
    from {{ ref('code_classes') }}
    group by rulebook_version, code_list, value_zh
),

final as (
    select
        youth_orgs.submission_id,
        youth_orgs.unit_code,
        youth_orgs.period,
        youth_orgs.sheet,
        youth_orgs.row,
        youth_orgs.unit_code as subject_key,
        youth_orgs.youth_org_key as org_key,
        true as is_listed,
        coalesce(categories.is_named, false) as is_in_named_category,
        coalesce(categories.is_known, false) as is_in_known_category,
        coalesce(youth_orgs.last_contact_on between periods.starts_on and periods.ends_on, false)
            as is_contacted_in_period,
        coalesce(youth_orgs.service_count > 0, false) as is_served,
        coalesce(relations.is_cultivated and targets.is_migrant, false) as is_cultivated_for_migrants,
        coalesce(relations.is_cultivated and targets.is_graduate, false) as is_cultivated_for_graduates,
        coalesce(youth_orgs.in_federation, false) as is_in_federation,
        coalesce(youth_orgs.is_eligible, false) as is_eligible,
        coalesce(youth_orgs.is_eligible and youth_orgs.has_league_org, false) as is_eligible_with_league_org,
        coalesce(youth_orgs.joined_activity_count > 0, false) as is_participant
    from youth_orgs
    inner join periods on youth_orgs.period = periods.period
    left join classes as categories
        on
            periods.rulebook_version = categories.rulebook_version
            and categories.code_list = 'youth_org_category'
            and youth_orgs.org_category = categories.value_zh
    left join classes as relations
        on
            periods.rulebook_version = relations.rulebook_version
            and relations.code_list = 'youth_org_relation'
            and youth_orgs.relation = relations.value_zh
    left join classes as targets
        on
            periods.rulebook_version = targets.rulebook_version
            and targets.code_list = 'target_group'
            and youth_orgs.target_group = targets.value_zh
)

select * from final
