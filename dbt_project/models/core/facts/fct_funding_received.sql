with listed as (

    select * from {{ ref('stg_street__funding') }}
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
        listed.fiscal_year,
        listed.fund_kind,
        listed.payer_level,
        listed.payer_name,
        listed.amount_cny,
        listed.received_on
    from listed
    inner join standing on listed.submission_id = standing.submission_id

)

select * from final
