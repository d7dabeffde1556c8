with listed as (

    select * from {{ ref('stg_street__project') }}
    where {{ changed_periods_filter('period') }}

),

standing as (

    select submission_id
    from {{ ref('fct_submission') }}
    where
        is_standing
        and {{ changed_periods_filter('period') }}

),

final as (

    select
        listed.submission_id,
        listed.unit_code,
        listed.period,
        listed.sheet,
        listed.row,
        listed.project_name,
        listed.project_kind,
        listed.national_brand,
        listed.theme,
        listed.party_count,
        listed.partner_org_name,
        listed.with_hr_department,
        listed.operation_mode,
        listed.contract_amount_cny,
        listed.social_funds_cny,
        listed.session_count,
        listed.participant_count,
        listed.satisfaction_pct,
        listed.started_on,
        listed.project_status,
        {{ thing_key('listed.unit_code', 'listed.project_name') }} as project_key
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
